"""Parses every property list below FOLDER and does nothing else: bench/parse.py FOLDER"""
import os
import plistlib
import sys

for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as f:
            plistlib.load(f)
