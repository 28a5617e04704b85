# Finds a Python that the set-up can run on, and installs Debian's where there is none.

usable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${TEAHOUSE_PYTHON:-}" python3 /usr/bin/python3 python3.11 python3.12 python3.13; do
        if [ -n "$candidate" ] && usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq >&2 && apt-get install -y -qq python3 python3-venv >&2
    elif command -v sudo >/dev/null; then
        sudo apt-get update -qq >&2 && sudo apt-get install -y -qq python3 python3-venv >&2
    fi
    if usable /usr/bin/python3; then
        echo /usr/bin/python3
        return
    fi
    echo "Python 3.11 to 3.13 is needed and could not be installed." >&2
    echo "What to do: apt-get install python3 python3-venv (Debian 12 has 3.11)," >&2
    echo "or name one: TEAHOUSE_PYTHON=/path/to/python3 $0" >&2
    return 1
}
