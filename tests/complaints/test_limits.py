"""What one stranger can cost: no request and no case grows without bound."""

import pytest

from tests.province import Province


@pytest.mark.parametrize("typed", ["a\u0300\u0316" * 400, "kata " * 101, "x" * 501])
def test_an_overlong_phrase_is_refused_before_it_is_read(province: Province, typed: str) -> None:
    answer = province.visitor().post("/lacak", data={"phrase": typed})
    assert answer.status_code == 422
    assert "paling banyak 500 huruf" in answer.get_data(as_text=True)
