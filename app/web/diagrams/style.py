"""How the SVG looks, in light and dark; and the policy under which a browser applies it."""

import base64
import hashlib
from typing import Final

#: Every rule is below the drawing's own class, so that a page may hold the SVG inline. No <, > or &: the text in the
#: file and the text that is hashed are the same.
STYLE: Final = """
.fbd{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:14px}
.fbd text{fill:#1f2328}.fbd .paper{fill:#ffffff}
.fbd .title{font-size:20px;font-weight:600}.fbd .step{font-size:15px;font-weight:600}
.fbd text.muted,.fbd text.tags,.fbd text.number{fill:#59636e}.fbd .tags,.fbd .small{font-size:12px}
.fbd .number{font-size:12px;font-variant-numeric:tabular-nums}
.fbd text .final{fill:#b3261e;font-weight:600}.fbd .bold{font-weight:700}
.fbd .card{fill:#f6f8fa;stroke:#d0d7de}.fbd .head{fill:#e6ebf1}
.fbd .badge{fill:#1f2328}.fbd text.badge-text,.fbd text.flag-text{fill:#ffffff;font-weight:700;font-size:12px}
.fbd .path{stroke:#0757ba;stroke-width:3;fill:none}.fbd .path-tip{fill:#0757ba}
.fbd .dot{fill:#ffffff;stroke:#0757ba;stroke-width:2.5}.fbd .dot-core{fill:#0757ba}
.fbd .undo{stroke:#8a5a00;stroke-width:1.8;stroke-dasharray:6 3;fill:none}.fbd .undo-tip{fill:#8a5a00}
.fbd .loss{stroke:#b3261e;stroke-width:1.8;stroke-dasharray:2 3;fill:none}.fbd .loss-tip{fill:#b3261e}
.fbd .halo{font-size:12px;font-weight:600;paint-order:stroke;stroke:#ffffff;stroke-width:6px;stroke-linejoin:round}
.fbd text.undo-tip{fill:#8a5a00}.fbd text.loss-tip{fill:#b3261e}
.fbd .here{fill:#fff3c4;stroke:#1f2328;stroke-width:2}.fbd .flag{fill:#1f2328}
.fbd .end{fill:#f6f8fa;stroke:#59636e;stroke-width:1.5}
@media (prefers-color-scheme:dark){
.fbd text{fill:#f0f6fc}.fbd .paper{fill:#0d1117}
.fbd text.muted,.fbd text.tags,.fbd text.number{fill:#9da7b1}.fbd text .final{fill:#ff8a80}
.fbd .card{fill:#151b23;stroke:#3d444d}.fbd .head{fill:#212830}
.fbd .badge{fill:#f0f6fc}.fbd text.badge-text,.fbd text.flag-text{fill:#0d1117}
.fbd .path{stroke:#58a6ff}.fbd .path-tip{fill:#58a6ff}.fbd .dot{fill:#0d1117;stroke:#58a6ff}.fbd .dot-core{fill:#58a6ff}
.fbd .undo{stroke:#e3b341}.fbd .undo-tip{fill:#e3b341}
.fbd .loss{stroke:#ff8a80}.fbd .loss-tip{fill:#ff8a80}.fbd .halo{stroke:#0d1117}
.fbd text.undo-tip{fill:#e3b341}.fbd text.loss-tip{fill:#ff8a80}
.fbd .here{fill:#3a3110;stroke:#f0f6fc}.fbd .flag{fill:#f0f6fc}.fbd .end{fill:#151b23;stroke:#9da7b1}
}
"""

_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
#: For the answer that carries the SVG: nothing runs or loads, this one style applies.
CONTENT_SECURITY_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'self'"
