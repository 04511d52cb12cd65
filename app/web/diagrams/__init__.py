"""The machine as a drawing: Mermaid text, or an SVG that needs nothing to be drawn."""

from app.web.diagrams.chart import Edge
from app.web.diagrams.mermaid import mermaid
from app.web.diagrams.style import CONTENT_SECURITY_POLICY
from app.web.diagrams.svg import svg

__all__ = ["CONTENT_SECURITY_POLICY", "Edge", "mermaid", "svg"]
