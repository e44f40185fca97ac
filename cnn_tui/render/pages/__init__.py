"""Pages to read: topics and their demos, exercises, reports of checks, the learner's progress.

``topic`` draws the chapter's Markdown, ``lesson`` an exercise's task, ``report`` what a
check found, ``learner`` which exercises are passed, ``classroom`` a graded class, ``overview`` the
whole lab on one page.
"""
