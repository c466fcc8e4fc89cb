#!/usr/bin/env bash
# JUnit reports against tests/schemas/junit.xsd, and against the schema that JUNIT_XSD names. Needs
# xmllint; without it the test is skipped.
#   junit.sh DEXTCTL
set -u
dextctl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
command -v xmllint >/dev/null || { echo "xmllint is not there: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/../rules" "$work/rules"
cd "$work" || exit 1
cp "$here/../cli/lint/human/in/Info.plist" $'odd\xff\x01 %:,&<>"\xe6\x97\xa5.plist'
: >empty.plist
printf '<plist><dict>' >cut.plist
mkdir clean
"$dextctl" lint --preview --format junit . empty.plist >all.xml 2>told
"$dextctl" lint --format junit clean >none.xml
status=0 count=0
for schema in "$here/junit.xsd" ${JUNIT_XSD:+"$JUNIT_XSD"}; do
    for report in all.xml none.xml "$here"/../cli/lint/junit/out; do
        xmllint --noout --schema "$schema" "$report" 2>said || { head -5 said; status=1; }
        count=$((count + 1))
    done
done
# The test can fail: what the schema must refuse.
sed 's/<testsuites /<testsuites skipped="1" /' all.xml >wrong.xml
if xmllint --noout --schema "$here/junit.xsd" wrong.xml 2>/dev/null; then
    echo "the schema takes an attribute that Jenkins refuses"
    status=1
fi
failed=$(xmllint --xpath 'count(//failure)' all.xml)
told=$(xmllint --xpath 'string(/testsuites/@failures)' all.xml)
if [ "$failed" != "$told" ] || [ "$failed" -lt 50 ]; then
    echo "$told failures are told, $failed stand there"
    status=1
fi
echo "$count reports"
exit $status
