"""No function grows beyond what can be read: the list of those that are too large only shrinks."""

from tools.complexity import complexities, lowered, problems

SOURCE = "class A:\n    def m(self, x):\n        return 1 if x else 2\n\n\ndef f(x):\n    if x and x > 1:\n        return 1\n    return 2\n"


def test_functions_and_methods_are_named_and_counted() -> None:
    assert complexities({"kc_pipeline.a": SOURCE}) == {"kc_pipeline.a:A.m": 2, "kc_pipeline.a:f": 3}


def test_what_is_new_or_grew_fails() -> None:
    assert problems({"a:f": 31}, {}) == ["a:f has complexity 31, over 30"]
    assert problems({"a:f": 41}, {"a:f": 40}) == ["a:f has complexity 41, over 40"]
    assert problems({"a:f": 30, "a:g": 40}, {"a:g": 40}) == []


def test_what_got_smaller_must_leave_the_list() -> None:
    assert "take it off the list" in problems({"a:f": 12}, {"a:f": 40})[0]
    assert "lower it to 35" in problems({"a:f": 35}, {"a:f": 40})[0]
    assert "take it off the list" in problems({}, {"a:gone": 40})[0]


def test_the_list_is_only_lowered() -> None:
    assert lowered({"a:f": 35, "a:g": 12, "a:h": 50, "a:new": 60}, {"a:f": 40, "a:g": 33, "a:h": 45}) == {
        "a:f": 35,
        "a:h": 45,
    }
