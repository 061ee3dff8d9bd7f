"""The contacts page: tabs, filters, pages of rows, what may be done with them, and the drawer of one."""
