"""The page on time says what was missed as plainly as what was reached."""

import xml.etree.ElementTree as ET

from tools.performance_page import Asked, growth_picture, growth_table


def test_what_is_missed_is_said_with_its_factor():
    assert Asked("a run", 10, 8.0, " s", "77 s").row == "| a run | 10 s | 8 s | 77 s | yes |"
    assert Asked("a run", 10, 25.0, " s", "77 s").row.endswith("| **no**, 2.5 times |")


def test_the_picture_is_well_formed_and_has_a_point_a_measurement():
    growth = {
        "rows": [{"n": 500, "cpu_s": 2.0}, {"n": 5000, "cpu_s": 3.5}],
        "classes": [{"n": 2, "cpu_s": 1.0}, {"n": 10, "cpu_s": 8.0}],
    }
    record = {"parts": {"growth": growth}}
    root = ET.fromstring(growth_picture(record))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 4
    heights = [float(circle.get("cy")) for circle in circles]
    assert heights[1] < heights[0] and heights[3] < heights[2]  # more seconds are further up
    assert "| classes | 2: 1.0, 10: 8.0 |" in growth_table(record)
