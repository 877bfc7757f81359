"""The frame around the labs: window, pages, menus, settings."""
