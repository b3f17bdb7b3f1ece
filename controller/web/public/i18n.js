// The words of the hospital's pages, beside those that every page has.
import arrivalsEn from "./words/arrivals-en.js";
import arrivalsZh from "./words/arrivals-zh.js";
import auditEn from "./words/audit-en.js";
import auditZh from "./words/audit-zh.js";
import cdsEn from "./words/cds-en.js";
import cdsZh from "./words/cds-zh.js";
import cohortsEn from "./words/cohorts-en.js";
import cohortsZh from "./words/cohorts-zh.js";
import researchEn from "./words/research-en.js";
import researchZh from "./words/research-zh.js";
import crewEn from "./words/crew-en.js";
import crewZh from "./words/crew-zh.js";
import takeoverEn from "./words/takeover-en.js";
import takeoverZh from "./words/takeover-zh.js";
import en from "./words/en.js";
import factsEn from "./words/facts-en.js";
import factsZh from "./words/facts-zh.js";
import gatewaysEn from "./words/gateways-en.js";
import gatewaysZh from "./words/gateways-zh.js";
import handoverEn from "./words/handover-en.js";
import handoverZh from "./words/handover-zh.js";
import imagesEn from "./words/images-en.js";
import imagesZh from "./words/images-zh.js";
import inventoryEn from "./words/inventory-en.js";
import inventoryZh from "./words/inventory-zh.js";
import ledgerEn from "./words/ledger-en.js";
import ledgerZh from "./words/ledger-zh.js";
import loginsEn from "./words/logins-en.js";
import loginsZh from "./words/logins-zh.js";
import modelsEn from "./words/models-en.js";
import modelsZh from "./words/models-zh.js";
import ordersEn from "./words/orders-en.js";
import ordersZh from "./words/orders-zh.js";
import peopleEn from "./words/people-en.js";
import peopleZh from "./words/people-zh.js";
import pharmacyEn from "./words/pharmacy-en.js";
import pharmacyZh from "./words/pharmacy-zh.js";
import prescriptionsEn from "./words/prescriptions-en.js";
import prescriptionsZh from "./words/prescriptions-zh.js";
import reportsEn from "./words/reports-en.js";
import reportsZh from "./words/reports-zh.js";
import robotsEn from "./words/robots-en.js";
import robotsZh from "./words/robots-zh.js";
import roundEn from "./words/round-en.js";
import roundZh from "./words/round-zh.js";
import signingEn from "./words/signing-en.js";
import signingZh from "./words/signing-zh.js";
import whyEn from "./words/why-en.js";
import whyZh from "./words/why-zh.js";
import worklistEn from "./words/worklist-en.js";
import worklistZh from "./words/worklist-zh.js";
import zh from "./words/zh.js";
import { learn } from "/screen/i18n.js";

learn({
  en: { ...ledgerEn, ...cdsEn, ...cohortsEn, ...researchEn, ...auditEn, ...inventoryEn, ...gatewaysEn, ...ordersEn, ...peopleEn, ...loginsEn, ...arrivalsEn, ...crewEn, ...handoverEn, ...takeoverEn, ...imagesEn, ...worklistEn, ...reportsEn, ...signingEn, ...factsEn, ...prescriptionsEn, ...pharmacyEn, ...robotsEn, ...whyEn, ...roundEn, ...modelsEn, ...en },
  zh: { ...ledgerZh, ...cdsZh, ...cohortsZh, ...researchZh, ...auditZh, ...inventoryZh, ...gatewaysZh, ...ordersZh, ...peopleZh, ...loginsZh, ...arrivalsZh, ...crewZh, ...handoverZh, ...takeoverZh, ...imagesZh, ...worklistZh, ...reportsZh, ...signingZh, ...factsZh, ...prescriptionsZh, ...pharmacyZh, ...robotsZh, ...whyZh, ...roundZh, ...modelsZh, ...zh },
});

export * from "/screen/i18n.js";
