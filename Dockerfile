# One process, no root, everything that lasts in /app/data.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin dailies \
    && install -d -o dailies -g dailies -m 700 /app/data

COPY manifest.yml .env.example ./
COPY domain domain
COPY storage storage
COPY gateways gateways
COPY handlers handlers
COPY bot bot

USER 10001
VOLUME /app/data
EXPOSE 3000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '3000') + '/healthz', timeout=3)"]

CMD ["python", "-m", "bot", "run"]
