# The image of the agent: glibc, a Java runtime of the modules that are needed, the program, and its AOT cache. No shell.
#
#   docker build --build-arg COMMIT=$(git rev-parse --short=12 HEAD) --build-arg VERSION=1.0.0 -t policylog:1.0.0 .
#   buildah bud --layers --build-arg COMMIT=$(git rev-parse --short=12 HEAD) --build-arg VERSION=1.0.0 -t policylog:1.0.0 .
#
# The base is a JDK 25 on Debian or Ubuntu, by its name or that of a mirror; also what gives the C library.
ARG JDK_IMAGE=docker.io/library/eclipse-temurin:25-jdk

FROM ${JDK_IMAGE} AS build
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends binutils maven
WORKDIR /source
COPY .mvn .mvn
COPY pom.xml .
COPY picocli picocli
COPY parser parser
COPY sinks sinks
COPY agent agent
COPY bench bench
ARG COMMIT=unknown
ARG VERSION=0.1.0-SNAPSHOT
# For a repository of its own: -Dmaven.repo.local=DIRECTORY.
ARG MAVEN_OPTS=""
# bench is never shipped; it has the broker that the program is trained on.
RUN mvn -B -q -Psbom -pl bench -am -DskipTests -Dspotless.check.skip=true \
    "-Dpolicylog.commit=${COMMIT}" "-Dpolicylog.version=${VERSION}" package </dev/null
# All times in the image, so that the same input gives the same layers.
ARG SOURCE_DATE_EPOCH=1767225600
COPY image image
RUN image/assemble /image "${SOURCE_DATE_EPOCH}"
RUN image/train /image "${SOURCE_DATE_EPOCH}"

FROM scratch
COPY --from=build /image/base/ /
COPY --from=build /image/java/ /
COPY --from=build /image/program/ /
COPY --from=build /image/cache/ /
ENV PATH=/usr/bin
# Fails when the cache does not fit the runtime and the jars, as they lie in this image.
RUN ["/usr/lib/policylog/java/bin/java", "-XX:AOTMode=on", "@/usr/lib/policylog/options", "smoke-test", "version"]
# The deployment runs it as uid 0 without any capability, because only the log's owner may link its files.
USER 65532:65532
EXPOSE 9464
ENTRYPOINT ["/usr/bin/policylog"]
CMD ["run"]
ARG COMMIT=unknown
ARG VERSION=0.1.0-SNAPSHOT
LABEL org.opencontainers.image.title="policylog" \
      org.opencontainers.image.description="Ships Kubernetes network policy logs from the node" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
