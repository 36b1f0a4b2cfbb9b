"""What this folder counts (Prometheus)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SENT = Counter("pledgewatch_messages_sent_total", "Messages that reached a chat.", ["reason"])
TROUBLE = Counter("pledgewatch_send_errors_total", "Sends that failed, by error.", ["error"])
ROUTED = Counter("pledgewatch_alerts_routed_total", "Alerts turned into deliveries.", ["reason"])
POLL_ANSWERED = Gauge(
    "pledgewatch_telegram_poll_answered_seconds", "When Telegram last answered our long poll"
)
