"""Values as people write them: numbers, dates, marks of missing ones.

Tables in memory are read by :func:`.marked_numbers.read_marked_numbers`, text files by
:func:`.decimal_marks.plain_column`, and texts that are numbers as a whole (times, feet and inches)
by the functions in :data:`.number_notations.NOTATIONS`.
"""
