"""The driver's sources that `dextctl init` writes, given to a C++ compiler: the .iig files are made into
headers in the way of iig, and DriverKit is stood in for by driverkit/stand-in.h."""
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def compiler():
    for name in ("clang++", "g++", "c++"):
        if shutil.which(name):
            return name
    raise SystemExit("no C++ compiler")


def split_declaration(text):
    """Return type, name and parameters of 'virtual R NAME(P) override'."""
    text = re.sub(r"\s+", " ", text).strip()
    m = re.match(r"(?:virtual )?(.*?)(\w+)\(", text)
    at, depth = m.end(), 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return m.group(1).strip(), m.group(2), text[m.end():at - 1], text


def header(iig, implemented):
    """What iig would make of the class, as far as a compiler needs it here."""
    klass, base = re.search(r"^class (\w+) : public (\w+)$", iig, re.M).groups()
    body = re.search(r"^public:\n(.*)^};", iig, re.M | re.S).group(1)
    using = re.findall(r"^using [^;]*;", iig, re.M)
    macros, lines = [], []
    for part in re.sub(r"^protected:$", "", body, flags=re.M).split(";"):
        if not part.strip():
            continue
        returns, name, parameters, whole = split_declaration(part)
        if name not in implemented:
            lines.append(whole + ";")
            continue
        macros.append("#define %s_%s_Args %s" % (klass, name, parameters))
        lines.append("%s %s_Impl(%s);" % (returns, name, parameters))
        lines.append("%s %s(%sOSDispatchMethod supermethod = nullptr);" %
                     (returns, name, parameters + ", " if parameters else ""))
        if "TYPE(" in whole.split(")", 1)[1]:
            lines.append("kern_return_t CreateAction%s(size_t size, OSAction ** action);" % name)
    return "\n".join(["#pragma once", '#include "stand-in.h"'] + macros + using +
                     ["struct %s_IVars;" % klass, "class %s : public %s {" % (klass, base), "public:",
                      "%s_IVars * ivars;" % klass, "using super = %s;" % base] + lines + ["};", ""])


def check(folder, work):
    """What the compiler says of the project's sources; "" when it is content."""
    driver, said = os.path.join(folder, "Driver"), ""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    sources = sorted(n for n in os.listdir(driver) if n.endswith(".cpp"))
    for name in sources:
        with open(os.path.join(driver, name), encoding="utf-8") as f:
            text = f.read()
        klass = name[:-4]
        implemented = re.findall(r"^IMPL\(%s, (\w+)\)$" % klass, text, re.M)
        with open(os.path.join(driver, klass + ".iig"), encoding="utf-8") as f:
            made = header(f.read(), implemented)
        with open(os.path.join(work, klass + ".h"), "w", encoding="utf-8") as f:
            f.write(made)
        with open(os.path.join(work, name), "w", encoding="utf-8") as f:
            f.write(re.sub(r"^#include <(?!string\.h)[^>]*>$", '#include "stand-in.h"', text, flags=re.M))
    for name in sources:
        r = subprocess.run([compiler(), "-std=gnu++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                            "-Wno-overloaded-virtual", "-I", work, "-I", os.path.join(folder, "Shared"), "-I",
                            os.path.join(HERE, "driverkit"), os.path.join(work, name)],
                           capture_output=True, text=True)
        said += r.stderr
    return said
