"""How large a staple of a billion credentials is, on trees of that size; nothing is estimated."""

import pytest

from benchmarks.staple_papers import ENTRIES, EPOCHS, LISTS, TRUSTED, WITNESSES, build_papers
from ledger.chunks import unpack_chunk
from ledger.staple_form import build_epoch_head, build_staple, parse_staple

AT_MOST, AT_MOST_WITHOUT_HEAD = 1650, 960


@pytest.fixture(scope="module")
def papers():
    return build_papers()


def test_a_staple_of_a_billion_credentials_has_at_most_1650_bytes_and_960_without_the_head(papers):
    whole, lean = parse_staple(papers.whole), parse_staple(papers.lean)

    assert LISTS * ENTRIES > 10**9
    assert (EPOCHS, TRUSTED, WITNESSES) == (525_600, 100, 3)
    assert [len(whole.entry.chunk_path), len(whole.entry.list_path)] == [12, 10]
    assert [len(whole.trust.path), len(whole.head.path), len(whole.head.signatures)] == [7, 8, 4]
    assert (lean.head, lean.trust.path) == (None, None)
    assert len(papers.whole) <= AT_MOST
    assert len(papers.lean) <= AT_MOST_WITHOUT_HEAD


def test_both_hold_and_say_the_same(papers):
    whole, lean = papers.verify(papers.whole, None), papers.verify(papers.lean, papers.head)

    assert whole == lean
    assert whole.entry.anchor.epoch == EPOCHS
    assert len(whole.statement.accreditation) == 32


def test_a_chunk_without_a_single_zero_costs_51_bytes_more(papers):
    whole, lean = papers.worst

    assert len(unpack_chunk(parse_staple(lean).entry.data, 64)) == 64
    assert len(whole) <= AT_MOST + 50
    assert len(lean) <= AT_MOST_WITHOUT_HEAD


def test_they_come_back_as_they_were(papers):
    assert build_staple(parse_staple(papers.whole)) == papers.whole
    assert build_staple(parse_staple(papers.lean)) == papers.lean
    assert len(build_epoch_head(papers.head)) < 4096
