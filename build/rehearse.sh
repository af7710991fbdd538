#!/bin/sh
# Has the sidecar of a jar rehearse under load, and keeps what the JVM learned of it in an AOT cache beside the jar: with that
# it starts in two thirds of the time, and its compiler begins with what is worth it.
#
#   rehearse.sh pd-router.jar    makes pd-router.aot, as old as the jar, and pd-router.aot.release, the release of the JVM
#
# It takes Java 25, and makes nothing without. It never fails: the sidecar runs without a cache as well.
set -u

home=$(cd "$(dirname "$0")/.." && pwd -P) || exit 0
jar=$1
cache=${jar%.jar}.aot
unfinished=$cache.new
log=${jar%.jar}-rehearsal.log
rm -f "$cache" "$cache.release" "$unfinished"

knows_caches() {
    version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 25 ] && [ -f "$1/release" ]
}

jdk=$("$home/build/find-jdk.sh" 2>/dev/null) && runtime=$("$home/build/find-jdk.sh" --run 2>/dev/null) || exit 0
knows_caches "$jdk" && knows_caches "$runtime" || exit 0

# No variable that the JVM or the sidecar takes options from. The command is for a shell: names stand for paths with blanks.
env -i PATH="$PATH" HOME="${HOME-}" TMPDIR="${TMPDIR-/tmp}" \
    PD_REHEARSAL_JAVA="$runtime/bin/java" PD_REHEARSAL_JAR="$jar" PD_REHEARSAL_CACHE="$unfinished" \
    "$jdk/bin/java" "$home/bench/src/main/java/dev/pdrouter/bench/Rehearsal.java" "$(dirname "$jar")" \
    '"$PD_REHEARSAL_JAVA" -XX:+UseSerialGC -Xmx256m -Xms38m -XX:NewSize=20m "-XX:AOTCacheOutput=$PD_REHEARSAL_CACHE" -jar "$PD_REHEARSAL_JAR" -bind=127.0.0.1 -port={port} -vllm-port={decode} -connector=nixlv2' \
    >"$log" 2>&1 &
rehearsal=$!
trap 'kill "$rehearsal" 2>/dev/null; wait "$rehearsal"; rm -f "$unfinished"; exit 0' HUP INT TERM
if wait "$rehearsal" && [ -f "$unfinished" ]; then
    # Of the same time as the jar, which tells that they belong together.
    touch -r "$jar" "$unfinished" && cp "$runtime/release" "$cache.release" && mv "$unfinished" "$cache" \
        && echo "made $cache"
else
    rm -f "$unfinished"
    echo "the rehearsal failed, so there is no AOT cache; see $log"
fi
exit 0
