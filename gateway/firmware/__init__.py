"""Updates of nodes' firmware, as the controller orders them.

shelf      fetches an image from the controller, and believes nothing of it but what is signed
updates    hands it to the node, has it begin when no patient is measured, and tells what became of it
reasons    the same for people
"""
