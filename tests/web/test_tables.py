"""Columns per person, saved views, exports: what people chose is found again, and nobody else's."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from deductibles.hold_table import HOLDS as COLUMNS
from tables import actions
from tables.csv_file import harmless, lines_of
from tables.models import ColumnChoice, Export, SavedView
from tables.searches import is_number
from tables.shape import Column, Table
from tests.api.test_holds import hold_many
from tests.hostile import HOSTILE_TEXT
from tests.web.test_claims import sent

HOLDS = "/claims/hold-for-deductible/"
TICKETS = "/escalations/"
TABLE = Table("t", "T", (Column("a", "A", locked=True), Column("b", "B"), Column("c", "C", default=False)))


def _keys(columns):
    return [column.key for column in columns]


def _heads(page):
    return [part.split("</th>")[0] for part in page.split('role="columnheader"')[1:]]


def _order(page):
    wanted = ("Claim number", "Patient", "Payer", "Release date", "Queued reason")
    found = {label: place for place, head in enumerate(_heads(page)) for label in wanted if label in head}
    return sorted(found, key=found.get)


def _sent_columns(first, shown):
    """The form as the page sends it: every column, those named in front."""
    rest = [column.key for column in COLUMNS.columns if column.key not in first]
    return {"order": [*first, *rest], "shown": shown, "do": "save"}


@pytest.fixture
def held(acme):
    return hold_many(acme, 3)


class TestColumnsOfATable:
    def test_are_the_default_ones_for_who_chose_nothing(self):
        assert _keys(TABLE.shown()) == ["a", "b"]

    def test_that_are_unknown_by_now_are_dropped(self):
        assert _keys(TABLE.shown(["gone", "c", "a", "c", 7], ["nothing"])) == ["c", "a", "b"]

    def test_that_are_new_appear_at_their_default_place(self):
        assert _keys(TABLE.shown(["c", "a"], [])) == ["c", "a", "b"]
        assert _keys(TABLE.shown(["a", "c"], [])) == ["a", "b", "c"]

    def test_that_are_locked_cannot_go(self):
        assert _keys(TABLE.shown(["a", "b", "c"], ["a", "b"])) == ["a", "c"]

    def test_are_never_none(self):
        loose = Table("t", "T", (Column("a", "A"), Column("b", "B")))
        assert _keys(loose.shown(["a", "b"], ["a", "b"])) == ["a", "b"]


@pytest.mark.django_db
class TestCustomizeColumns:
    def test_is_kept_for_the_person_alone_and_found_after_signing_in_again(self, page_as, ben, sue, held):
        order = ["queue", "claim", "payer", "patient", "release"]
        answer = page_as(ben).post("/tables/holds/columns/", _sent_columns(order, ["payer", "release"]))
        assert answer.status_code == 302 and answer.url == HOLDS
        mine = _order(page_as(ben).get(HOLDS).content.decode())
        assert mine[:3] == ["Claim number", "Payer", "Release date"] and "Patient" not in mine
        assert _order(page_as(sue).get(HOLDS).content.decode())[:2] == ["Claim number", "Patient"]

    def test_moves_a_column_by_its_arrow_without_script_and_saves_nothing_yet(self, page_as, ben, held):
        order = ["queue", "claim", "patient", "payer"]
        sent_form = {"order": order, "shown": order, "up": "payer"}
        page = page_as(ben).post("/tables/holds/columns/", sent_form).content.decode()
        assert "Payer is column 3 of 16 now." in page
        assert page.index('value="payer"') < page.index('value="patient"')
        assert not ColumnChoice.objects.exists()

    def test_can_be_reset(self, page_as, ben, held):
        client = page_as(ben)
        client.post("/tables/holds/columns/", _sent_columns(["payer", "patient"], ["payer"]))
        client.post("/tables/holds/columns/", {"do": "reset"})
        assert _order(client.get(HOLDS).content.decode())[:2] == ["Claim number", "Patient"]

    def test_takes_the_last_of_two_tabs(self, page_as, ben, held):
        client = page_as(ben)
        for order in (["payer", "patient"], ["patient", "payer"]):
            client.post("/tables/holds/columns/", _sent_columns(order, order))
        assert ColumnChoice.objects.get().order[:1] == ["patient"]

    def test_takes_whatever_is_sent_without_breaking(self, page_as, ben, held):
        client = page_as(ben)
        for value in HOSTILE_TEXT:
            fields = dict.fromkeys(("order", "shown", "up", "next", "do"), value)
            assert sent(client, "/tables/holds/columns/", fields).status_code in (200, 302, 400)
            assert client.get(HOLDS).status_code == 200

    def test_goes_back_to_the_list_and_nowhere_else(self, page_as, ben):
        for told in ("https://evil.example/", "//evil.example", f"{HOLDS}\\evil", "/settings/"):
            answer = page_as(ben).post("/tables/holds/columns/", {"do": "reset", "next": told})
            assert answer.url == HOLDS, told
        answer = page_as(ben).post("/tables/holds/columns/", {"do": "reset", "next": f"{HOLDS}?queued=no"})
        assert answer.url == f"{HOLDS}?queued=no"

    def test_needs_the_role_of_the_list(self, page_as, ana, adam):
        refused = page_as(ana).get("/tables/holds/columns/")
        assert refused.status_code == 403 and "biller or supervisor" in refused.content.decode()
        assert page_as(adam).get("/tables/tickets/columns/").status_code == 403
        assert page_as(ana).get("/tables/nothing/columns/").status_code == 404


@pytest.mark.django_db
class TestSavedViews:
    def _save(self, client, **fields):
        return client.post("/tables/holds/views/save/", {"name": "Due soon", "queued": "no", **fields})

    def test_keep_filters_and_order_but_never_a_search(self, page_as, ben, held):
        client = page_as(ben)
        answer = self._save(client, q="Lindgren", s="abc", payer="junk", ordering="-release_on")
        view = SavedView.objects.get()
        assert view.query == "queued=no&ordering=-release_on"
        assert answer.url == f"{HOLDS}?view={view.pk}&queued=no&ordering=-release_on"
        assert "Due soon" in client.get(answer.url).content.decode()

    def test_are_shared_by_supervisors_only(self, page_as, ben, sue, held):
        refused = self._save(page_as(ben), shared="yes")
        assert (
            refused.status_code == 400 and "Only a supervisor or an admin shares" in refused.content.decode()
        )
        self._save(page_as(sue), shared="yes", name="For all")
        self._save(page_as(sue), name="For me")
        page = page_as(ben).get(HOLDS).content.decode()
        assert "For all" in page and "For me" not in page

    def test_of_another_company_or_person_are_not_there(self, page_as, ben, bo, sue, held):
        self._save(page_as(sue), name="Private")
        view = SavedView.objects.get()
        for person in (ben, bo):
            assert page_as(person).get(f"{HOLDS}?view={view.pk}").status_code == 404
            assert (
                page_as(person).post(f"/tables/holds/views/{view.pk}/", {"do": "delete"}).status_code == 404
            )

    def test_are_changed_by_their_owner_only(self, page_as, ben, sue, held):
        self._save(page_as(sue), shared="yes", name="For all")
        view = SavedView.objects.get()
        answer = page_as(ben).post(f"/tables/holds/views/{view.pk}/", {"do": "delete"})
        assert answer.status_code == 400 and "Only the person who saved" in answer.content.decode()
        page_as(sue).post(f"/tables/holds/views/{view.pk}/", {"do": "change", "name": "All of us"})
        view.refresh_from_db()
        assert (view.name, view.shared) == ("All of us", False)

    def test_open_the_list_until_they_are_deleted(self, page_as, ben, held):
        client = page_as(ben)
        self._save(client)
        view = SavedView.objects.get()
        client.post(f"/tables/holds/views/{view.pk}/", {"do": "open"})
        assert client.get(HOLDS).url == f"{HOLDS}?view={view.pk}&queued=no"
        assert client.get(f"{HOLDS}?view=all").status_code == 200
        client.post(f"/tables/holds/views/{view.pk}/", {"do": "delete"})
        assert client.get(HOLDS).status_code == 200

    def test_bring_their_columns(self, page_as, ben, held):
        client = page_as(ben)
        client.post("/tables/holds/columns/", _sent_columns(["claim", "payer"], ["payer"]))
        self._save(client)
        client.post("/tables/holds/columns/", {"do": "reset"})
        view = SavedView.objects.get()
        assert "Patient" not in _order(client.get(f"{HOLDS}?view={view.pk}").content.decode())
        assert "Patient" in _order(client.get(HOLDS).content.decode())

    def test_refuse_a_bad_name_in_words(self, page_as, ben):
        for value in HOSTILE_TEXT:
            answer = sent(page_as(ben), "/tables/holds/views/save/", {"name": value})
            assert answer.status_code in (302, 400), value[:40]
        assert "needs a name" in self._save(page_as(ben), name="  ").content.decode()


@pytest.mark.django_db
class TestExport:
    def _rows(self, client, url="/tables/holds/export/", **fields):
        answer = client.post(url, fields)
        body = b"".join(answer.streaming_content)
        assert body.startswith("\ufeff".encode())
        return answer, list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))

    def test_has_what_is_shown_in_the_order_shown(self, page_as, ben, held):
        client = page_as(ben)
        client.post("/tables/holds/columns/", _sent_columns(["claim", "release", "annual"], ["release"]))
        answer, rows = self._rows(client, claim="C-2")
        assert rows[0][:2] == ["Claim number", "Release date"] and "Annual" not in rows[0]
        assert [row[0] for row in rows[1:]] == ["C-2"]
        assert rows[1][1] == held[1].release_on.isoformat()
        assert answer["Content-Disposition"].startswith('attachment; filename="holds-')

    def test_is_written_down_without_the_search(self, page_as, ben, held):
        self._rows(page_as(ben), q=held[0].claim.patient.last_name, queued="no")
        kept = Export.objects.get()
        assert (kept.by, kept.table, kept.query, kept.searched) == (ben, "holds", "queued=no", True)
        assert kept.rows >= 1 and not kept.cut

    def test_has_the_rows_of_ones_own_company_only(self, page_as, bo, held):
        _, rows = self._rows(page_as(bo))
        assert len(rows) == 1

    def test_is_made_of_every_list(self, page_as, ben, sue, held):
        assert len(self._rows(page_as(sue), "/tables/tickets/export/")[1]) == 1
        assert len(self._rows(page_as(ben), "/tables/claims/export/")[1]) == 4
        assert len(self._rows(page_as(ben), "/tables/submissions/export/")[1]) == 1

    def test_takes_no_more_than_its_cap_and_writes_that_down(self, page_as, ben, held, monkeypatch):
        monkeypatch.setattr("tables.export.MOST_ROWS", 2)
        assert len(self._rows(page_as(ben))[1]) == 3
        assert Export.objects.get().cut

    def test_costs_the_same_queries_for_many_rows(self, page_as, ben, acme, django_assert_max_num_queries):
        hold_many(acme, 60)
        client = page_as(ben)
        with django_assert_max_num_queries(10):
            self._rows(client)


WIDE = ["＝1+1", "＋1", "－1", "＠SUM(A1)", "\u22121", "\ufe631"]
BEHIND = ["\u00a0=1", "\u3000=1", "\ufeff=1", "\u200b=1", "\u202e=1", "\x00=1", "'=1", '"=1', "\n=1", "\nx"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1", *WIDE, *BEHIND])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell):
    assert harmless(cell) == f"'{cell}"
    assert b"'" in b"".join(lines_of(["h"], [[cell]]))


@pytest.mark.parametrize("cell", ["", " ", "Lindgren, Ottilie", "1-2", "O'Neill", "12.50", "a=b", "’"])
def test_a_cell_that_is_words_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_only_numbers_of_claims_and_tickets_may_stand_in_an_address():
    assert all(is_number(text) for text in ("E-1002", "e1002", "C-7", "1047951"))
    for text in ("Lindgren", "5551234567", "01021980", "W2000YTD01", "E-1 OR 1", "", "１２"):
        assert not is_number(text), text


@pytest.mark.django_db
class TestASearch:
    @pytest.mark.parametrize("url", [HOLDS, "/claims/", TICKETS])
    def test_for_a_name_never_stands_in_an_address(self, page_as, sue, held, url):
        client = page_as(sue)
        answer = client.post(url, {"q": "Lindgren Q"})
        assert answer.status_code == 302 and "indgren" not in answer.url and "s=" in answer.url
        page = client.get(answer.url).content.decode()
        assert 'value="Lindgren Q"' in page
        assert "indgren" not in "".join(part.split('"')[0] for part in page.split('href="')[1:])
        typed = client.get(url, {"q": "Lindgren"})
        assert typed.status_code == 400 and "never put into an address" in typed.content.decode()

    def test_for_a_number_may_be_kept_in_the_address(self, page_as, ben, held):
        client = page_as(ben)
        answer = client.post(HOLDS, {"q": "C-2"})
        assert answer.url == f"{HOLDS}?q=C-2"
        page = client.get(answer.url).content.decode()
        assert "1 of 3 match" in page and ">C-2<" in page and ">C-1<" not in page

    def test_of_somebody_else_is_not_found_again(self, page_as, ben, sue, held):
        key = page_as(ben).post(HOLDS, {"q": "Lindgren"}).url
        assert "Lindgren" not in page_as(sue).get(key).content.decode().split('role="table"')[0]


def test_a_view_that_is_gone_leaves_the_plain_list(cast, ben, sue):
    at = datetime.now(UTC)
    fields = {"query": "", "order": [], "hidden": [], "shared": True, "by": sue, "at": at}
    view = actions.save_view(TABLE, "Shared", **fields)
    actions.open_with(TABLE, view, by=ben, at=at)
    actions.change_view(view, "Shared", shared=False, by=sue, at=at)
    assert ColumnChoice.objects.get(user=ben).opens_with is None


def test_a_view_deleted_in_another_tab_is_said_and_nothing_else_happens(ben):
    """The page was read before the other tab deleted the view: every act on it answers in words."""
    at = datetime.now(UTC)
    named = {"query": "", "order": [], "hidden": [], "shared": False, "by": ben, "at": at}
    view = actions.save_view(COLUMNS, "Late ones", **named)
    SavedView.objects.filter(pk=view.pk).delete()
    with pytest.raises(actions.Unfit, match="“Late ones” was deleted meanwhile"):
        actions.change_view(view, "Early ones", shared=False, by=ben, at=at)
    with pytest.raises(actions.Unfit, match="deleted meanwhile"):
        actions.open_with(COLUMNS, view, by=ben, at=at)
    assert not ColumnChoice.objects.filter(user=ben).exists()
