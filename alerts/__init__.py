"""From the outbox to a chat: decides who is told, when and in which words."""
