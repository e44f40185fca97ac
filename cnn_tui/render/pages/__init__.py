"""Pages to read: topics and their demos, exercises, reports of checks, progress.

``topic`` draws the chapter's Markdown, ``lesson`` an exercise's task, ``report`` what a
check found, ``classroom`` a graded class, ``overview`` the whole lab on one page.
"""
