#!/bin/sh
# Finds a usable Python and hands over to setup.py. Only what must be said before any Python runs is said here.
# usage: scripts/setup.sh [app|dev]      PYTHON=/path/to/python3 chooses the interpreter
set -eu
cd -- "$(dirname -- "$0")/.."

missing() {
    printf '\n缺少 %s\n  请先运行：%s\nmissing: %s\n  help: run `%s`\n' "$1" "$3" "$2" "$3" >&2
    exit 1
}

found=
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$candidate
        break
    fi
done
[ -n "$found" ] || missing "Python 3.11 或更新版本" "Python 3.11 or newer" "apt-get install python3 python3-venv"
"$found" -c 'import ensurepip, venv' 2>/dev/null ||
    missing "Python 的 venv 模块（$found）" "the venv module of $found" "apt-get install python3-venv"

exec "$found" scripts/setup.py "${1:-app}"
