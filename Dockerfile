# The production image: one for web, worker and beat; runs as nobody in particular and can write nothing of it.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin holdline \
 && install --directory --owner holdline --group holdline /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data STATIC_ROOT=/app/gathered
# Gathering needs settings, yet no real ones: these are a demo's and stay in this step.
RUN DEMO=1 DATABASE_URL=postgres://build/build REDIS_URL=redis://build VAR_DIR=/tmp \
    python manage.py collectstatic --noinput --verbosity 0 && python -m compileall -q /app
USER holdline
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
