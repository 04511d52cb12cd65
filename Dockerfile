# syntax=docker/dockerfile:1
# Two stages, so that pip and its cache stay behind. The image runs as a fixed user, needs no shell and writes only
# to /data and /tmp: it runs with a read-only root file system.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN ["python", "-m", "venv", "/opt/failback/venv"]
COPY requirements.lock /tmp/requirements.lock
# Every file is checked against its hash, and only wheels are taken: nothing runs while installing.
RUN ["/opt/failback/venv/bin/python", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "-r", "/tmp/requirements.lock"]
COPY pyproject.toml /opt/failback/service/
COPY migrations /opt/failback/service/migrations
COPY app /opt/failback/service/app
# Compiled here, because the running container cannot write beside its sources.
RUN ["/opt/failback/venv/bin/python", "-m", "compileall", "-q", "/opt/failback/service"]
# The default database is a SQLite file under ./data. A link leads it to the volume; a default FAILBACK_DATABASE_URL in
# the image would instead stand beside the FAILBACK_DATABASE_URL_FILE of a deployment, two answers to one question.
RUN ["ln", "-s", "/data", "/opt/failback/service/data"]
RUN ["install", "-d", "-o", "10001", "-g", "10001", "-m", "0750", "/opt/data"]

FROM python:3.13-slim
LABEL org.opencontainers.image.title="failback" \
      org.opencontainers.image.description="Failover and failback runbooks as a persisted state machine with a journal that can be verified"
ENV PATH=/opt/failback/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FAILBACK_LOG_FORMAT=json
COPY --from=build /opt/failback /opt/failback
# Copied with its owner, so that a new volume mounted here belongs to the service's user.
COPY --from=build --chown=10001:10001 /opt/data /data
WORKDIR /opt/failback/service
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
# Ready means: the database answers, is at this release's revision and keeps what it acknowledges. No proxy is asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
# `docker run failback token list`, `… db check`: the same commands as on a machine.
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
