"""What panes are made of: a page that scrolls, lists, the tab strip, the key line."""
