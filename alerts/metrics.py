"""What this folder counts (Prometheus)."""

from __future__ import annotations

from prometheus_client import Counter

SENT = Counter("pledgewatch_messages_sent_total", "Messages that reached a chat.", ["reason"])
TROUBLE = Counter("pledgewatch_send_errors_total", "Sends that failed, by error.", ["error"])
ROUTED = Counter("pledgewatch_alerts_routed_total", "Alerts turned into deliveries.", ["reason"])
