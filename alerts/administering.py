"""Admins and analysts at work in the chat: sign-in, invitations, feeds, and texts to try."""

from __future__ import annotations

import difflib

from alerts import admin_pages, answers, menus
from alerts.answers import button
from alerts.markup import line
from alerts.messages import Message, message
from alerts.office import Answer, Asker, Office
from alerts.texts import say
from model.desk import Action, Edit
from model.errors import ConflictError, FeedError, MissingRecordError, WatchlistError
from model.records import ChatKind, Feed, Language
from storage.feed_reports import feed_reports
from storage.unit_of_work import begin, reading

FEEDS = "feeds"
NEAREST = 5


class Administering:
    """`/weblogin`, `/invite`, `/feeds` and `/test`."""

    def __init__(self, office: Office) -> None:
        self._office = office

    # --- links ------------------------------------------------------------------------

    def weblogin(self, asker: Asker) -> Message:
        """Send a one-time link to the review page; only in private, for it opens the desk."""
        office, language = self._office, self._office.language(asker)
        if asker.kind is not ChatKind.PRIVATE:
            return answers.plain(language, "private.only")
        role, now = office.role(asker), office.clock.now()
        with begin(office.database) as work:
            token = work.logins.new(asker.actor, role, now)
            work.audit.add(asker.actor, role, "login.made", asker.actor, None, role, now)
            work.commit()
        link = f"{office.desk_url}/login?token={token}"
        return message([line(say(language, "weblogin.link")), line(link)])

    def invite(self, asker: Asker) -> Message:
        """Send a link that lets one chat in, once."""
        office, language = self._office, self._office.language(asker)
        if asker.kind is not ChatKind.PRIVATE:
            return answers.plain(language, "private.only")
        now = office.clock.now()
        with begin(office.database) as work:
            token = work.invitations.new(asker.actor, now)
            work.audit.add(
                asker.actor, office.role(asker), "invitation.made", asker.actor, None, None, now
            )
            work.commit()
        said = say(language, "invite.link" if office.invited_only else "invite.open")
        return message([line(said), line(f"https://t.me/{asker.bot}?start=i_{token}")])

    # --- feeds ------------------------------------------------------------------------

    def feeds(self, asker: Asker, name: str) -> Message:
        """Show how the feeds stand, the worst first, or one of them."""
        office, language = self._office, self._office.language(asker)
        wanted = office.watchlist().feeds
        feed = self._feed(name) if name else None
        if name and feed is None:
            return self._unknown_feed(name, language)
        with reading(office.database) as work:
            chosen = (feed,) if feed is not None else wanted
            reports = feed_reports(work, chosen, office.clock.now())
        if feed is not None:
            return admin_pages.one_feed(reports[0], language, office.zone)
        if not reports:
            return answers.plain(language, "feeds.none")
        return admin_pages.feeds_page(reports, language, office.zone)

    def _feed(self, name: str) -> Feed | None:
        wanted = name.strip().lower()
        feeds = self._office.watchlist().feeds
        return next((each for each in feeds if wanted in {each.id, each.title.lower()}), None)

    def _unknown_feed(self, name: str, language: Language) -> Message:
        ids = [str(each.id) for each in self._office.watchlist().feeds]
        held = [each for each in ids if len(name) > 2 and name.lower() in each]
        near = [*held, *difflib.get_close_matches(name.lower(), ids, n=NEAREST, cutoff=0.4)]
        rows = (button(each, f"{menus.ADMIN}:{menus.FEED}:{each}") for each in dict.fromkeys(near))
        said = say(language, "feeds.unknown", name=name[:64])
        return message([line(said)], tuple(row for row in rows if row)[:NEAREST])

    def pressed_feed(self, asker: Asker, action: str, feed_id: str) -> Answer:
        """Show, pause or resume a feed: an edit of the watchlist, with the way back beside it."""
        office, language = self._office, self._office.language(asker)
        if action == menus.FEED:
            return Answer(message=self.feeds(asker, feed_id))
        if office.desk is None:
            return Answer(notice=say(language, "desk.missing"), stop=True)
        edit = Action.PAUSE if action == menus.PAUSE else Action.RESUME
        try:
            self._switch(asker, Edit(action=edit, id=feed_id, part=FEEDS))
        except (ConflictError, MissingRecordError):
            return Answer(notice=say(language, "watch.conflict"), stop=True)
        except WatchlistError as error:
            return Answer(message=admin_pages.problems_page(error.problems, language))
        feed = self._feed(feed_id)
        paused = edit is Action.PAUSE
        title = feed.title if feed is not None else feed_id
        back = menus.RESUME if paused else menus.PAUSE
        label = say(language, "button.resume" if paused else "button.pause", feed=title)
        said = say(language, "feeds.paused" if paused else "feeds.resumed", feed=title)
        row = button(label, f"{menus.ADMIN}:{back}:{feed_id}")
        return Answer(message=message([line(said)], (row,) if row else ()), notice="✓")

    def _switch(self, asker: Asker, edit: Edit) -> None:
        desk = self._office.desk
        assert desk is not None
        after = desk.edited(edit)
        desk.accept(after.text, asker.actor, based_on=after.revision, file=after.file)

    # --- a text to try ----------------------------------------------------------------

    def test(self, asker: Asker, text: str) -> Message:
        """Show what the watchlist makes of an address or a text; nothing is stored or sent."""
        office, language = self._office, self._office.language(asker)
        if office.desk is None:
            return answers.plain(language, "desk.missing")
        if not text.strip():
            return answers.plain(language, "help.test")
        try:
            trial = office.desk.try_text(text.strip())
        except FeedError as error:
            return answers.plain(language, "trial.failed", why=str(error))
        return admin_pages.trial_page(trial, language)
