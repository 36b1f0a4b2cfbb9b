"""From feeds to developments: decides what is worth telling."""
