#!/bin/sh
# Prints the home of a JDK that is new enough, or says in one line what to install.
#
#   find-jdk.sh                a JDK, to build with
#   find-jdk.sh --run          a JDK or a JRE, to run with
#   find-jdk.sh --maven HOME   only checks that Maven's toolchains will find a JDK when Maven runs on the one in HOME
#
# JAVA_HOME and the java on the PATH are taken when they will do; otherwise the newest LTS release that is installed,
# and after those the newest of all.
set -u

oldest=21
tool=javac
what=JDK
maven=
case ${1-} in
    --run) tool=java what='JDK (or JRE)' ;;
    --maven) maven=$2 ;;
esac

best=
best_rank=0

# Sets $version to the feature release of the home $1, and fails when it has not the tool or is no home.
version_of() {
    version=
    [ -x "$1/bin/java" ] && [ -x "$1/bin/$tool" ] || return 1
    if [ -r "$1/release" ]; then
        while IFS='=' read -r name value; do
            [ "$name" = JAVA_VERSION ] && version=$value
        done <"$1/release"
    fi
    [ -n "$version" ] || version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version \("[^"]*"\).*/\1/p' | head -n 1)
    version=${version#\"}
    version=${version%%[!0-9]*}
    [ -n "$version" ]
}

is_new_enough() {
    version_of "$1" && [ "$version" -ge "$oldest" ]
}

take_if_new_enough() {
    if [ -n "$1" ] && is_new_enough "$1"; then
        found "$1"
    fi
}

found() {
    [ -n "$maven" ] || printf '%s\n' "$1"
    exit 0
}

consider() {
    is_new_enough "$1" || return 0
    rank=$version
    # Every second year's September release is an LTS one: 21, 25, 29 and so on.
    [ $(((version - 21) % 4)) -ne 0 ] || rank=$((version + 1000))
    if [ "$rank" -gt "$best_rank" ]; then
        best=$1
        best_rank=$rank
    fi
}

home_of_java_on_path() {
    java=$(command -v java) || return 0
    hops=0
    while [ -L "$java" ] && [ $hops -lt 40 ]; do
        target=$(readlink "$java") || return 0
        case $target in
            /*) java=$target ;;
            *) java=${java%/*}/$target ;;
        esac
        hops=$((hops + 1))
    done
    home=${java%/bin/java}
    if [ ! -r "$home/release" ]; then
        # A stub or a version manager's script: only Java itself knows where it is.
        home=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    fi
    printf '%s\n' "$home"
}

take_if_new_enough "${JAVA_HOME-}"
take_if_new_enough "${maven:-$(home_of_java_on_path)}"

user=${HOME-/nonexistent}
for name in $(env | sed -n 's/^\(JAVA[0-9A-Za-z_]*_HOME\)=.*/\1/p'); do
    eval "consider \"\$$name\""
done
for home in \
    /usr/lib/jvm/* /usr/java/* /usr/jdk/* /opt/java/* \
    "$user"/.sdkman/candidates/java/* "$user"/.jdks/* "$user"/.m2/jdks/* "$user"/.gradle/jdks/* \
    "$user"/.jenv/versions/* "$user"/.jbang/cache/jdks/* "$user"/.jabba/jdk/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$user"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    consider "$home"
done
if [ -n "$maven" ]; then
    [ ! -r "$user/.m2/toolchains.xml" ] || while IFS= read -r home; do
        consider "$home"
    done <<HOMES
$(sed -n 's|.*<jdkHome>\(.*\)</jdkHome>.*|\1|p' "$user/.m2/toolchains.xml")
HOMES
else
    for name in $(env | sed -n 's/^\(JAVA_HOME_[0-9A-Za-z_]*\)=.*/\1/p'); do
        eval "consider \"\$$name\""
    done
    for home in \
        "$user"/.asdf/installs/java/* \
        /usr/lib64/jvm/* /opt/jdk* /opt/openjdk* /opt/*jdk* /usr/local/openjdk* /usr/local/jdk* \
        /opt/homebrew/opt/openjdk* /usr/local/opt/openjdk* /home/linuxbrew/.linuxbrew/opt/openjdk* \
        "$user"/.local/share/mise/installs/java/*; do
        consider "$home"
        consider "$home/libexec/openjdk.jdk/Contents/Home"
    done
fi

if [ -z "$best" ]; then
    echo "pd-router needs a $what of version $oldest or later: install one (for instance Temurin 25) or set JAVA_HOME to it" >&2
    exit 1
fi
found "$best"
