// The narrative of a FHIR document as text: nothing is parsed as HTML, and what is in another form is shown as it stands.
export function paragraphs(div) {
  const found = [...div.matchAll(/<p>([^<]*)<\/p>/g)].map((one) => one[1]);
  const rest = div.replace(/<p>[^<]*<\/p>|<\/?div[^>]*>/g, "").trim();
  return [...found, ...(rest === "" ? [] : [rest])].map(plain);
}

function plain(words) {
  return words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&");
}
