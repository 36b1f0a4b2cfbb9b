"""What this folder counts (Prometheus)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

POLLS = Counter("pledgewatch_polls_total", "Polls of feeds, by outcome.", ["outcome"])
FAULTS = Counter("pledgewatch_feed_faults_total", "Polls that failed, by fault.", ["fault"])
FEEDS = Gauge("pledgewatch_feeds", "Feeds that are not paused, by state.", ["state"])
ARTICLES = Counter("pledgewatch_articles_total", "New articles stored.")
HITS = Counter("pledgewatch_hits_total", "Hits stored, by relation.", ["relation"])
PAGES = Counter("pledgewatch_pages_total", "Article pages wanted, by outcome.", ["outcome"])
POLL_SECONDS = Histogram("pledgewatch_poll_seconds", "How long one poll of one feed took.")
