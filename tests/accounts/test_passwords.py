from argon2 import PasswordHasher

from programme_tracker.accounts.passwords import (
    hash_password,
    is_outdated,
    is_password,
    one_time_password,
    waste_a_check,
)
from programme_tracker.accounts.rules import password_fault


def test_hash_password_differs_each_time_and_is_argon2id() -> None:
    one, other = hash_password("three unrelated words"), hash_password("three unrelated words")
    assert one != other
    assert one.startswith("$argon2id$")


def test_is_password_right_wrong_and_broken_hash() -> None:
    stored = hash_password("three unrelated words")
    assert is_password(stored, "three unrelated words")
    assert not is_password(stored, "three unrelated word")
    assert not is_password("not a hash", "three unrelated words")


def test_is_outdated_with_other_parameters() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("three unrelated words")
    assert is_outdated(old)
    assert not is_outdated(hash_password("three unrelated words"))


def test_one_time_password_is_random_and_good_enough() -> None:
    passwords = {one_time_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(password_fault(password, "sam") is None for password in passwords)


def test_waste_a_check_accepts_anything() -> None:
    waste_a_check("Łódź' OR 1=1 --")
