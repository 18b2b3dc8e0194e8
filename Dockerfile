# Two stages: what builds the environment stays behind; what runs owns nothing it could change.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/base.txt
WORKDIR /app
COPY . .
# Collecting files asks nobody and keeps no secret: an empty environment is a development one.
RUN DEBUG=false /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf var tests \
    && /opt/venv/bin/python -m compileall -q .

FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BIND=0.0.0.0:8000 CONCERT_VAR=/var/lib/concert REMAP_SIGTERM=SIGQUIT
RUN useradd --system --uid 10001 --home-dir /var/lib/concert --create-home concert
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER concert
VOLUME /var/lib/concert
EXPOSE 8000
CMD ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
