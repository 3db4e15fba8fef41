"""Path converters: an id that cannot be a row's is no address at all, hence 404."""

from django.urls import register_converter


class RowId:
    """A positive whole number that fits the database's bigint."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowId, "row")
