#!/usr/bin/env bash
# Every driver that is attached in a registry dump of a real system matches its provider in the
# simulator, and has the score it has there; prints predicted/total a family.
#   match.sh DEXTCTL BUILD
set -u
if [ ! -d "${DEXTCTL_CORPUS:-}/runtime/ioreg" ]; then
    echo "no registry dumps (DEXTCTL_CORPUS): skipped"
    exit 77
fi
exec "$2/tests/test_match_corpus"
