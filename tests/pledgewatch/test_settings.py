import pytest

from model.errors import SettingsError
from model.records import Role
from pledgewatch.settings import SETTING_NAMES, Access, LogFormat, Part, load_settings


def test_nothing_needs_to_be_set(tmp_path):
    settings = load_settings({}, tmp_path)
    assert settings.telegram_token is None
    assert settings.database_url == "sqlite:///pledgewatch.db"
    assert settings.roles == frozenset(Part)


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text(
        "PLEDGEWATCH_TIMEZONE=Asia/Shanghai\nPLEDGEWATCH_LOG=json\nOTHER=1\n"
    )
    settings = load_settings({"PLEDGEWATCH_LOG": "text", "HOME": "/home/x"}, tmp_path)
    assert settings.timezone == "Asia/Shanghai"
    assert settings.log is LogFormat.TEXT


def test_a_setting_that_is_there_but_empty_counts_as_not_set(tmp_path):
    settings = load_settings(
        {"PLEDGEWATCH_TELEGRAM_TOKEN": "", "PLEDGEWATCH_ACCESS": " "}, tmp_path
    )
    assert settings.telegram_token is None
    assert settings.access is Access.OPEN


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PLEDGEWATCH_ADMINS", "12,bob", "bob"),
        ("PLEDGEWATCH_ACCESS", "closed", "open, invited"),
        ("PLEDGEWATCH_TIMEZONE", "Mars/Base", "Asia/Shanghai"),
        ("PLEDGEWATCH_TIMEZONE", "../etc/passwd", "no time zone"),
        ("PLEDGEWATCH_REVIEW_PORT", "70000", "1 to 65535"),
        ("PLEDGEWATCH_TELEGRAM_API", "localhost:81", "https://example.org"),
        ("PLEDGEWATCH_ALLOW_PRIVATE", "10.0.0.0/99", "10.0.0.0/99"),
        ("PLEDGEWATCH_DATABASE_URL", "mysql://u:secret@h/d", "sqlite:///"),
        ("PLEDGEWATCH_LOG", "xml", "text, json"),
        ("PLEDGEWATCH_ROLES", "poll,cook", "cook"),
        ("PLEDGEWATCH_USER_AGENT", "two\nlines", "one line"),
        ("PLEDGEWATCH_TELEGRAM_TOKE", "x", "PLEDGEWATCH_TELEGRAM_TOKEN"),
    ],
    ids=lambda value: str(value)[:24].replace("\n", " "),
)
def test_a_wrong_setting_is_named_with_what_it_may_be(tmp_path, name, value, says):
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value}, tmp_path)
    (problem,) = caught.value.problems
    assert problem.startswith(name)
    assert says in problem
    assert "secret" not in problem


def test_every_problem_is_reported_at_once(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_settings({"PLEDGEWATCH_LOG": "xml", "PLEDGEWATCH_ADMINS": "x"}, tmp_path)
    assert len(caught.value.problems) == 2


def test_secrets_are_in_no_repr(tmp_path):
    settings = load_settings(
        {
            "PLEDGEWATCH_TELEGRAM_TOKEN": "12345:abcdef",
            "PLEDGEWATCH_DATABASE_URL": "postgresql://me:hunter2@db/pledges",
        },
        tmp_path,
    )
    assert "abcdef" not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert settings.secrets == ("12345:abcdef", "hunter2")


def test_roles_belong_to_users(tmp_path):
    settings = load_settings({"PLEDGEWATCH_ADMINS": "1", "PLEDGEWATCH_ANALYSTS": "1, 2"}, tmp_path)
    assert [settings.role_of(user) for user in (1, 2, 3)] == [
        Role.ADMIN,
        Role.ANALYST,
        Role.SUBSCRIBER,
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"PLEDGEWATCH_LOG=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env"):
        load_settings({}, tmp_path)


def test_there_are_as_many_settings_as_the_contract_names():
    assert len(SETTING_NAMES) == 15


def test_servers_are_told_the_product_and_where_to_reach_us(tmp_path):
    assert load_settings({}, tmp_path).user_agent.startswith("Pledgewatch/")
    public = {"PLEDGEWATCH_PUBLIC_URL": "https://pledges.example.org"}
    assert "+https://pledges.example.org)" in load_settings(public, tmp_path).user_agent
    own = public | {"PLEDGEWATCH_USER_AGENT": "Mine/1 (me@example.org)"}
    assert load_settings(own, tmp_path).user_agent == "Mine/1 (me@example.org)"
