# The production image: one image for web, worker and beat; runs as nobody in particular.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app holdline
COPY --from=build /venv /venv
WORKDIR /app
COPY --chown=holdline . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 VAR_DIR=/data
RUN mkdir /data && chown holdline /data \
 && DATABASE_URL=postgres://build/build REDIS_URL=redis://build SECRET_KEY=build SECRETS_KEY=build VAR_DIR=/app/var \
    python manage.py collectstatic --noinput --verbosity 0 && chown -R holdline /app/var
ENV STATIC_ROOT=/app/var/static
USER holdline
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--access-logfile", "-"]
