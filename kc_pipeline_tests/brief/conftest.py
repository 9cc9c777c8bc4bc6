"""The tests here speak of the bundled company, by what its pack declares."""

import pytest

from kc_pipeline.config import Company


@pytest.fixture(autouse=True, scope="module")
def _its_pack(kc_pack: Company) -> Company:
    return kc_pack
