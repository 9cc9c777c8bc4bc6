"""No function grows beyond what can be read."""

from tools.complexity import PACKAGE, complexities, problems, sources

SOURCE = "class A:\n    def m(self, x):\n        return 1 if x else 2\n\n\ndef f(x):\n    if x and x > 1:\n        return 1\n    return 2\n"


def test_functions_and_methods_are_named_and_counted() -> None:
    assert complexities({"kc_pipeline.a": SOURCE}) == {"kc_pipeline.a:A.m": 2, "kc_pipeline.a:f": 3}


def test_what_exceeds_the_bound_is_named() -> None:
    assert problems({"a:f": 31, "a:g": 30}) == ["a:f has complexity 31, over 30"]


def test_no_function_of_the_package_exceeds_it() -> None:
    found = complexities(sources(PACKAGE))
    assert len(found) > 1000
    assert problems(found) == []
