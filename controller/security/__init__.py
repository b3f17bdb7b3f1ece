"""Who may do what: users, sessions, permissions, and the gate that every request passes."""
