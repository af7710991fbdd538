#!/bin/sh
# Has the sidecar of a jar rehearse for some seconds, and keeps what the JVM learned of it in an AOT cache beside the jar:
# with that it starts in two thirds of the time, and its compiler begins with what is worth it.
#
#   rehearse.sh pd-router.jar    makes pd-router.aot; takes Java 25, and without that there is none
#
# It never fails: the sidecar runs without a cache as well. The JVM does not notice a jar that was changed, so that a cache which
# is older than its jar is not to be used.
set -u

home=$(cd "$(dirname "$0")/.." && pwd -P) || exit 0
export PD_REHEARSAL_JAR="$1" PD_REHEARSAL_CACHE="${1%.jar}.aot"
log=${1%.jar}-rehearsal.log
rm -f "$PD_REHEARSAL_CACHE"

knows_caches() {
    version=$("$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 25 ]
}

jdk=$("$home/build/find-jdk.sh" 2>/dev/null) && java=$("$home/build/find-jdk.sh" --run 2>/dev/null)/bin/java || exit 0
knows_caches "$jdk/bin/java" && knows_caches "$java" || exit 0
export PD_REHEARSAL_JAVA="$java"

# Options that everybody's JVM is given are not to get into the cache.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
# shellcheck disable=SC2016
sidecar='"$PD_REHEARSAL_JAVA" -XX:+UseSerialGC -Xmx256m -Xms32m "-XX:AOTCacheOutput=$PD_REHEARSAL_CACHE" -jar "$PD_REHEARSAL_JAR"'
if "$jdk/bin/java" "$home/bench/src/main/java/dev/pdrouter/bench/Rehearsal.java" "$(dirname "$1")" \
    "$sidecar -port={port} -vllm-port={decode} -connector=nixlv2" >"$log" 2>&1 && [ -f "$PD_REHEARSAL_CACHE" ]; then
    echo "made $PD_REHEARSAL_CACHE"
else
    rm -f "$PD_REHEARSAL_CACHE"
    echo "the rehearsal failed, so there is no AOT cache; see $log"
fi
exit 0
