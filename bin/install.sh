# Sourced by bin/*: a .venv with exactly what a lock file names. Quick when it is there already.
#
#   . bin/install.sh; install_lock requirements.lock
#
# Needs nothing but Python 3.11 or newer with its venv module, and a package index as pip knows it.

complain() {
    echo "$*" >&2
    exit 78
}

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

make_venv() {
    # A moved or half-made one does not start: make it again.
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    [ -n "$python" ] || complain "Dailies needs Python 3.11 or newer: install python3 (or set PYTHON)."
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        complain "This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
    echo "Making .venv …" >&2
    rm -rf .venv
    "$python" -m venv .venv || complain "The folder .venv could not be made."
}

# uv reads neither pip.conf nor PIP_*; it has to look where pip would.
share_pips_index_with_uv() {
    from_pip() { .venv/bin/python -m pip config get "$1" 2>/dev/null || true; }
    index=${PIP_INDEX_URL:-$(from_pip global.index-url)}
    extra=${PIP_EXTRA_INDEX_URL:-$(from_pip global.extra-index-url)}
    links=${PIP_FIND_LINKS:-$(from_pip global.find-links)}
    cert=${PIP_CERT:-$(from_pip global.cert)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    [ -z "$extra" ] || export UV_INDEX="${UV_INDEX:-$extra}"
    [ -z "$links" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-$links}"
    # Like pip: any index may have the file, the hash decides whether it is the right one.
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
    [ -z "$cert" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"
}

install_with_uv() {
    .venv/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.9' 2>/dev/null || return 1
    share_pips_index_with_uv
    .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$1"
}

install_with_pip() {
    echo "uv could not do it; trying pip …" >&2
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1"
}

fingerprint() {
    .venv/bin/python -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}

install_lock() {
    make_venv
    wanted=$(fingerprint "$1")
    stamp=".venv/installed-$1"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    echo "Installing $1 …" >&2
    install_with_uv "$1" || install_with_pip "$1" ||
        complain "The packages of $1 could not be installed; the reason is above."
    echo "$wanted" >"$stamp"
    # The development lock holds all of the other one, in the same versions.
    if [ "$1" = requirements-dev.lock ]; then
        fingerprint requirements.lock >.venv/installed-requirements.lock
    fi
}
