"""Do the rows of a shipping file know where they stand in it?"""

from integrations.warehouses.files.rows import read
from tests.integrations.warehouses.files.test_files import HEADER


def test_a_line_counts_the_lines_of_the_file_also_after_a_line_break_within_a_field() -> None:
    rows = read((HEADER + 'W-1,"T\nEE",1,DPD,T1,03/03/2026,1\nW-1,MUG,1,DPD,T1,03/03/2026,1\n').encode())

    assert [row.line for row in rows] == [2, 4]
