# Finds a JDK 25; read by the scripts at the top of the repository with ".", under sh or bash.
# shellcheck shell=sh

# Prints the version of the Java in a JDK's directory, for example 25; nothing if it is no JDK.
jdk_feature() {
  [ -x "$1/bin/javac" ] && [ -x "$1/bin/java" ] || return 0
  # The release file answers without starting a JVM.
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Sets and exports JAVA_HOME, or says how to get a JDK and ends the script with 1.
require_jdk() {
  javac_on_path=$(command -v javac || true)
  [ -z "$javac_on_path" ] || javac_on_path=$(readlink -f "$javac_on_path" || true)
  for candidate in \
    "${JAVA_HOME:-}" \
    "${javac_on_path%/bin/javac}" \
    /usr/lib/jvm/* \
    /opt/* /opt/java/* /opt/jdk/* \
    "${SDKMAN_DIR:-${HOME:-/nonexistent}/.sdkman}"/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk@25/libexec/openjdk.jdk/Contents/Home; do
    if [ -n "$candidate" ] && [ "$(jdk_feature "$candidate")" = 25 ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  cat >&2 <<'EOF'
policylog needs a JDK 25, and found none in JAVA_HOME, PATH, /usr/lib/jvm, /opt, SDKMAN or /Library/Java.
Get one, for example:
  Debian, Ubuntu:  apt-get install openjdk-25-jdk-headless   (where the release has it)
  macOS:           brew install openjdk@25
  anywhere:        sdk install java 25-tem   (https://sdkman.io), or https://adoptium.net/temurin
and set JAVA_HOME to it if it lies elsewhere.
EOF
  exit 1
}

# Ends the script with 1 when Maven is missing.
require_maven() {
  if ! command -v mvn >/dev/null 2>&1; then
    echo "policylog is built with Maven 3.8 or newer, and there is no mvn in PATH: apt-get install maven, brew" \
      "install maven, or https://maven.apache.org/download.cgi" >&2
    exit 1
  fi
}

# Prints what "policylog version" shall say about where the sources come from.
source_commit() {
  git -C "$1" describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown
}
