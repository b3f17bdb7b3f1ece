"""What the hospital's pages and the page of an ambulance's crew share: ES modules, style sheets and words.

Served as they are under /screen/ by the controller and by the box: `python -c "import screen"` finds them.
"""
