# shellcheck shell=sh
# Sourced by jobs/quickstart.sh and tests/run.sh: install what is missing, configure, build.
# Nothing is written outside the build folder, but packages that apt installs.

say() { printf '%s\n' "$*"; }

# The names in a package list, without its comments.
package_names() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

is_known_system() {
    [ -r /etc/os-release ] || return 1
    # shellcheck disable=SC1091
    system=$(. /etc/os-release && printf '%s %s' "${ID:-}" "${VERSION_ID:-}")
    [ "$system" = "debian 12" ]
}

refuse_system() {
    say "Tessera's set-up knows Debian 12; this is another system, and nothing was changed."
    say "Install these packages (names as in Debian 12) by hand:"
    package_names "$@" | tr '\n' ' ' | fold -s -w 100
    say ""
    say "then build with:"
    say "  cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release && cmake --build build/release"
    say "and set TESSERA_SKIP_PACKAGES=1 to let this script go on."
    exit 69
}

missing_packages() {
    for name in $(package_names "$@"); do
        state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || state=none
        [ "$state" = installed ] || printf '%s ' "$name"
    done
}

install_packages() {
    [ "${TESSERA_SKIP_PACKAGES:-0}" = 1 ] && return 0
    is_known_system || refuse_system "$@"
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return 0
    root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || {
            say "These packages are missing: $missing"
            say "Installing them needs root: run 'apt-get install $missing' as root, then this script again."
            exit 77
        }
        root=sudo
    fi
    say "Installing from Debian: $missing"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! { $root apt-get -q update && $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        install $missing; } >"$log" 2>&1; then
        tail -n 15 "$log"
        rm -f "$log"
        say "apt-get could not install them; see above."
        exit 69
    fi
    rm -f "$log"
}

# build PRESET [TARGET]: configures (which takes a second when nothing changed), then builds what changed.
build() {
    mkdir -p "build/$1"
    say "Building build/$1"
    cmake --preset "$1" >"build/$1/configure.log" 2>&1 || { tail -n 40 "build/$1/configure.log"; exit 70; }
    cmake --build "build/$1" --target "${2:-all}" >"build/$1/build.log" 2>&1 || { tail -n 40 "build/$1/build.log"; exit 70; }
}
