"""Work list: what should we do first?"""

from pages.frame import Frame, goals, open_page

frame: Frame = open_page("Work list", "What should we do first?")

goals.section(frame)
