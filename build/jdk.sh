# Sourced by mvnw and spegel: sets JAVA_HOME to a JDK of version 25 or later, or says what is missing and exits 1.
# Looks at JAVA_HOME, at the java and javac of PATH, and where packages put JDKs.

jdk_major() { # prints the major version of the JDK in $1; fails when there is none
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[!0-9]*}
      echo "${value:-0}"
      return 0
    fi
  done <"$1/release"
  return 1
}

jdk_fits() {
  jdk_found=$(jdk_major "$1") && [ "$jdk_found" -ge 25 ]
}

find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && jdk_fits "$JAVA_HOME"; then
    return 0
  fi
  for jdk_candidate in /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-/}"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if jdk_fits "$jdk_candidate"; then
      JAVA_HOME=$jdk_candidate
      export JAVA_HOME
      return 0
    fi
  done
  if jdk_javac=$(command -v javac) && jdk_javac=$(readlink -f "$jdk_javac") && jdk_fits "${jdk_javac%/bin/javac}"; then
    JAVA_HOME=${jdk_javac%/bin/javac}
    export JAVA_HOME
    return 0
  fi
  {
    echo "error: no JDK of version 25 or later was found."
    echo "Install one (for example the package temurin-25-jdk or openjdk-25-jdk) and set JAVA_HOME to it."
    [ -z "${JAVA_HOME:-}" ] || echo "JAVA_HOME is $JAVA_HOME, version $(jdk_major "$JAVA_HOME" || echo unknown)."
  } >&2
  exit 1
}
